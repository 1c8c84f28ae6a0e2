import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ArtifactsRepository } from './artifacts.repository';
import { providerLibrary } from './provider-library';

/** Ends what a grant gave: its session, and with it its tokens at every gateway. */
export type EndsGrants = (grantId: string) => Promise<void>;

/** Used once, and told to the browser of whoever comes second. */
const PUSHED_REQUEST = 'PushedAuthorizationRequest';

/**
 * oidc-provider's storage on PostgreSQL, one for each of its models. Unlike what the library's own contract asks for,
 * `consume` fails for all but one of several calls at the same time, and with it the grant ends: two parties held the
 * same code or refresh token (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
 */
export class ArtifactAdapter implements Adapter {
  constructor(
    private readonly kind: string,
    private readonly artifacts: ArtifactsRepository,
    private readonly endGrant: EndsGrants,
  ) {}

  upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    return this.artifacts.put(this.kind, id, { ...payload }, expiresIn);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.artifacts.find(this.kind, id);
    return (
      found && {
        ...found.payload,
        jti: id,
        ...(found.consumedAt !== undefined && { consumed: found.consumedAt }),
      }
    );
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const found = await this.artifacts.findByUid(this.kind, uid);
    return found && { ...found.payload };
  }

  /** Of the device flow, which is not offered. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** @throws InvalidGrant for all calls but the first; InvalidRequestUri when it is that of a pushed request */
  async consume(id: string): Promise<void> {
    if (await this.artifacts.consume(this.kind, id)) return;
    const grantId = await this.artifacts.grantOf(this.kind, id);
    if (grantId !== undefined) await this.revokeByGrantId(grantId);
    const { errors } = providerLibrary();
    if (this.kind === PUSHED_REQUEST) throw new errors.InvalidRequestUri('already used');
    throw new errors.InvalidGrant('used by another request at the same time');
  }

  async destroy(id: string): Promise<void> {
    if (this.kind === 'Grant') return this.revokeByGrantId(id);
    await this.artifacts.remove(this.kind, id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.endGrant(grantId);
    await this.artifacts.removeGrant(grantId);
  }
}
