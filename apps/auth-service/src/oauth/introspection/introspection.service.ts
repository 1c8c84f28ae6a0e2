import { Inject, Injectable } from '@nestjs/common';
import { parseCompactJws, parseStrictJsonObject, TokenRejected } from '@sallyport/tokens';
import type { AccessTokenClaims, Clock, VerifiesAccessTokens } from '@sallyport/tokens';
import { CLOCK } from '../../app.tokens';
import { OWN_ACCESS_TOKENS } from '../../tokens/own-access-tokens';
import { mayIntrospect } from '../clients/client-metadata';
import { ClientsRepository } from '../clients/clients.repository';
import { TokenStandingRepository } from './token-standing.repository';

/** RFC 7662 section 2.2. */
export type Introspection = Readonly<Record<string, unknown>> & { readonly active: boolean };

/** All that is ever said of a token that is unknown, over, malformed, or none of the client's business. */
const INACTIVE: Introspection = Object.freeze({ active: false });

/** What is told of an active token: the claims it carries by these names. */
const TOLD = [
  ...['scope', 'client_id', 'sub', 'aud', 'iss', 'jti', 'iat', 'nbf', 'exp'],
  ...['sid', 'acr', 'amr', 'auth_time', 'cnf'],
];

const LONGEST_TOKEN = 8192;

/**
 * Introspects the access tokens that are JWTs (RFC 7662, RFC 9068), which oidc-provider leaves to whoever verifies them. A client is told of
 * its own, and one that is registered for it ({@link mayIntrospect}) of those of all clients.
 */
@Injectable()
export class IntrospectionService {
  constructor(
    @Inject(OWN_ACCESS_TOKENS) private readonly accessTokens: VerifiesAccessTokens,
    private readonly standing: TokenStandingRepository,
    private readonly clients: ClientsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param askerId an authenticated client */
  async introspect(askerId: string, presentedToken: string): Promise<Introspection> {
    const claims = await this.verify(presentedToken);
    if (claims === undefined || claims.exp * 1000 <= this.clock().getTime()) return INACTIVE;
    if (!(await this.isBusinessOf(askerId, claims))) return INACTIVE;
    if (!(await this.standing.stands(claims))) return INACTIVE;
    return tellOf(presentedToken);
  }

  private async isBusinessOf(askerId: string, { client_id: clientId }: AccessTokenClaims) {
    const asker = await this.clients.find(askerId);
    return asker !== undefined && (askerId === clientId || mayIntrospect(asker.metadata));
  }

  private async verify(presentedToken: string): Promise<AccessTokenClaims | undefined> {
    try {
      return await this.accessTokens.verify(presentedToken);
    } catch (error) {
      if (error instanceof TokenRejected) return undefined;
      throw error;
    }
  }
}

/** @param token a verified one */
function tellOf(token: string): Introspection {
  const payload = parseCompactJws(token, LONGEST_TOKEN)?.unverifiedPayload;
  const claims = (payload && parseStrictJsonObject(payload)) ?? {};
  const told = TOLD.filter((name) => Object.hasOwn(claims, name)).map((name): [string, unknown] => [
    name,
    claims[name],
  ]);
  return { active: true, ...Object.fromEntries(told), token_type: tokenTypeOf(claims['cnf']) };
}

/** RFC 9449 section 5: a token that is bound to a key of its client's says so by its type. */
function tokenTypeOf(confirmation: unknown): string {
  return typeof confirmation === 'object' && confirmation !== null && 'jkt' in confirmation
    ? 'DPoP'
    : 'Bearer';
}
