import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, SECURITY_EVENTS } from '../../app.tokens';
import type { Operator } from '../../operators/account-control.service';
import { laterBy } from '../../revocations/record-revocation';
import { hasSecret } from './client-metadata';
import { ClientRecordsRepository } from './client-records.repository';
import type { ClientRecord } from './client-records.repository';
import { newClientSecret } from './client-secret';
import { ClientValidation } from './client-validation';
import type { NewClient } from './new-client';

/** Thirty days: for so long the secret before may work beside a new one. */
export const LONGEST_OVERLAP_SECONDS = 30 * 24 * 60 * 60;

/** A client and the secret it was given, which is shown this once. */
export interface GivenSecret {
  readonly client: ClientRecord;
  /** Undefined when it authenticates otherwise, or not at all. */
  readonly secret: string | undefined;
}

/** The authorization server's clients, as operators keep them. */
@Injectable()
export class ClientsService {
  constructor(
    private readonly records: ClientRecordsRepository,
    private readonly validation: ClientValidation,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** All clients, disabled ones included; the newest first. */
  list(): Promise<readonly ClientRecord[]> {
    return this.records.list(this.clock());
  }

  /**
   * Registers a client.
   *
   * @param secret instead of one that is made here
   * @throws ServiceError as {@link ClientValidation.validate}; ALREADY_EXISTS `oauth_client_exists`
   */
  async create(wanted: NewClient, operator: Operator, secret?: string): Promise<GivenSecret> {
    const client = await this.validation.validate(wanted);
    const given = hasSecret(client.metadata) ? (secret ?? newClientSecret()) : undefined;
    if (!(await this.records.create(client, given, this.clock()))) {
      throw new ServiceError('ALREADY_EXISTS', 'oauth_client_exists');
    }
    this.record('oauth_client_created', client.id, operator);
    return { client: await this.find(client.id), secret: given };
  }

  /**
   * Gives a client another secret. The one before works for the overlap, 0 to 30 days; one before that ends at once.
   *
   * @throws ServiceError INVALID_ARGUMENT `oauth_overlap_invalid`; NOT_FOUND `oauth_client_not_found`;
   * FAILED_PRECONDITION `oauth_client_has_no_secret`
   */
  async rotateSecret(id: string, overlapSeconds: number, operator: Operator): Promise<GivenSecret> {
    if (!isOverlap(overlapSeconds)) {
      throw new ServiceError('INVALID_ARGUMENT', 'oauth_overlap_invalid');
    }
    const { metadata } = await this.find(id);
    if (!hasSecret(metadata)) {
      throw new ServiceError('FAILED_PRECONDITION', 'oauth_client_has_no_secret');
    }
    const secret = newClientSecret();
    const now = this.clock();
    await this.records.replaceSecret(id, secret, now, laterBy(now, overlapSeconds));
    this.record('oauth_client_secret_rotated', id, operator);
    return { client: await this.find(id), secret };
  }

  /**
   * Puts other public keys in the place of a client's. For an overlap both keys are listed, and later the new one alone.
   *
   * @throws ServiceError INVALID_ARGUMENT `oauth_client_metadata_invalid`; NOT_FOUND `oauth_client_not_found`
   */
  async replaceKeys(id: string, jwks: unknown, operator: Operator): Promise<ClientRecord> {
    const { metadata, name } = await this.find(id);
    const client = await this.validation.validateMetadata({ id, name }, { ...metadata, jwks });
    await this.records.replaceMetadata(client);
    this.record('oauth_client_keys_replaced', id, operator);
    return this.find(id);
  }

  /** @throws ServiceError NOT_FOUND `oauth_client_not_found` */
  async find(id: string): Promise<ClientRecord> {
    const client = await this.records.find(id, this.clock());
    if (client === undefined) throw new ServiceError('NOT_FOUND', 'oauth_client_not_found');
    return client;
  }

  private record(reason: string, clientId: string, operator: Operator): void {
    const about = { principal: operator, target: clientId };
    this.events.record({ type: 'client', outcome: 'succeeded', reason, ...about });
  }
}

function isOverlap(seconds: number): boolean {
  return Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= LONGEST_OVERLAP_SECONDS;
}
