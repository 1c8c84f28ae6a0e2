import { contentOf, type PublishedFolder } from './published-folder';

export interface SecretPublisherOptions {
  readonly folders: readonly PublishedFolder[];
  readonly api: {
    apply(name: string, data: Readonly<Record<string, string>>): Promise<void>;
  };
  /** How often a Secret is written although nothing changed, in case somebody else changed it; in milliseconds. */
  readonly rewriteMs: number;
  readonly clock: () => Date;
}

/** Keeps Secrets as folders are. */
export class SecretPublisher {
  readonly #published = new Map<string, { readonly content: string; readonly at: number }>();

  constructor(private readonly options: SecretPublisherOptions) {}

  /**
   * Writes what has changed since the last pass. One that cannot be written does not keep the others from it.
   *
   * @returns what was written, and what is still to be tried again
   */
  async pass(): Promise<{ readonly written: string[]; readonly missing: string[] }> {
    const written: string[] = [];
    const missing: string[] = [];
    for (const each of this.options.folders) {
      try {
        const outcome = await this.#publish(each);
        if (outcome === 'written') written.push(each.secret);
        if (outcome === 'absent') missing.push(`${each.secret}: ${each.folder} is not there yet`);
      } catch (error) {
        missing.push(`${each.secret}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return { written, missing };
  }

  async #publish({ secret, folder }: PublishedFolder): Promise<'written' | 'current' | 'absent'> {
    const { api, clock, rewriteMs } = this.options;
    const data = await contentOf(folder);
    if (data === undefined) return 'absent';
    const [content, now] = [JSON.stringify(data), clock().getTime()];
    const last = this.#published.get(secret);
    if (last?.content === content && now - last.at < rewriteMs) return 'current';
    await api.apply(secret, data);
    this.#published.set(secret, { content, at: now });
    return 'written';
  }
}
