import { Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { ClientsService } from './clients.service';
import type { NewClient } from './new-client';

/** A client that exists from the first start on, for people to try. */
export interface SeedClient extends NewClient {
  /** Of one that authenticates with it. */
  readonly secret?: string | undefined;
}

/** Registers clients that an operator lists in a file. */
@Injectable()
export class ClientSeeding {
  constructor(private readonly clients: ClientsService) {}

  /** Registers those that do not exist; leaves those that do as operators have made them. */
  async seed(listed: readonly SeedClient[]): Promise<void> {
    const known = new Set((await this.clients.list()).map(({ id }) => id));
    for (const { secret, ...client } of listed) {
      if (known.has(client.id)) continue;
      await this.clients.create(client, undefined, secret).catch(unlessExisting);
    }
  }
}

/** Another replica that starts was faster. */
function unlessExisting(cause: unknown): void {
  if (cause instanceof ServiceError && cause.reason === 'oauth_client_exists') return;
  throw cause;
}
