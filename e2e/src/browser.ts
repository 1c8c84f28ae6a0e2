import type { PublicClient } from './public-client';
import type { PublicResponse } from './public-response';

/** What a browser does with answers: keeps cookies, follows redirects, submits forms. It runs no script. */
export class Browser {
  /** By name and path, as browsers tell cookies apart. */
  readonly #cookies = new Map<string, { readonly pair: string; readonly path: string }>();

  constructor(private readonly client: PublicClient) {}

  /** Goes somewhere, and on from there as long as answers redirect within the gateway. */
  async open(url: string): Promise<{ readonly response: PublicResponse; readonly url: URL }> {
    return this.#follow(await this.#send('GET', this.#resolve(url)), this.#resolve(url));
  }

  /** Submits the form of a page that posts to a path with this ending. */
  async submit(
    page: { readonly response: PublicResponse; readonly url: URL },
    ending: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly response: PublicResponse; readonly url: URL }> {
    const [, action] =
      new RegExp(`action="([^"]*${ending})"`).exec(page.response.body) ??
      fail(`the page has no form to …${ending}: ${page.response.body}`);
    const url = new URL(action ?? '', page.url);
    return this.#follow(await this.#send('POST', url, Object.entries(fields)), url);
  }

  /** What it would send along to a path. */
  cookiesFor(pathname: string): string {
    return [...this.#cookies.values()]
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ pair }) => pair)
      .join('; ');
  }

  async #follow(
    response: PublicResponse,
    from: URL,
  ): Promise<{ readonly response: PublicResponse; readonly url: URL }> {
    const { location } = response.headers;
    if (response.status < 300 || response.status > 399 || location === undefined) {
      return { response, url: from };
    }
    const next = new URL(location, from);
    // Back at the client, which is not there.
    if (next.host !== this.client.host) return { response, url: next };
    return this.#follow(await this.#send('GET', next), next);
  }

  async #send(
    method: string,
    url: URL,
    form?: readonly (readonly [string, string])[],
  ): Promise<PublicResponse> {
    const cookie = this.cookiesFor(url.pathname);
    const response = await this.client.send({
      method,
      path: `${url.pathname}${url.search}`,
      headers: [
        ['Accept', 'text/html'],
        ...(cookie === '' ? [] : ([['Cookie', cookie]] as const)),
        ...(method === 'POST' ? ([['Origin', `https://${this.client.host}`]] as const) : []),
      ],
      ...(form && { form }),
    });
    for (const set of response.headers['set-cookie'] ?? []) this.#keep(set);
    return response;
  }

  #keep(set: string): void {
    const [pair = '', ...attributes] = set.split(/;\s*/);
    const [name = ''] = pair.split('=');
    const path =
      /^path=(.*)$/i.exec(attributes.find((each) => /^path=/i.test(each)) ?? '')?.[1] ?? '/';
    if (attributes.some((each) => /^expires=Thu, 01 Jan 1970/i.test(each))) {
      this.#cookies.delete(`${name} ${path}`);
    } else {
      this.#cookies.set(`${name} ${path}`, { pair, path });
    }
  }

  #resolve(url: string): URL {
    return new URL(url, `https://${this.client.host}`);
  }
}

function fail(message: string): never {
  throw new Error(message);
}
