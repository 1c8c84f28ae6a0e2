import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { parseCompactJws, parseStrictJsonObject, TokenRejected } from '@sallyport/tokens';
import type { VerifiesAccessTokens } from '@sallyport/tokens';
import { AccountsRepository } from '../accounts/accounts.repository';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { isUuid } from '../is-uuid';
import { RevocationsRepository } from '../revocations/revocations.repository';
import type { SessionEnd } from '../sessions/session';
import type { SigningKeyRecord } from '../signing-keys/signing-key-record';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import { OWN_ACCESS_TOKENS } from '../tokens/own-access-tokens';

const LONGEST_TOKEN = 8192;

/** What an id of a revocation may look like; the database could not even be asked for some other texts. */
const ID = /^[!-~]{1,255}$/;

/** All that is known of a token, for an operator who wants to know why it is refused. */
export interface TokenExplanation {
  /** As the token says, whether or not it is to be believed. */
  readonly unverifiedHeader: Readonly<Record<string, unknown>>;
  readonly unverifiedClaims: Readonly<Record<string, unknown>>;
  /** `accepted` by signature, claims and time, or why not. */
  readonly verification: string;
  /** Undefined when no key of this name is known. */
  readonly key: SigningKeyRecord | undefined;
  /** Undefined when there is no session of this id, or no more. */
  readonly session: ExplainedSession | undefined;
  /** Undefined when there is no account of this id, or no more. */
  readonly account: { readonly lockedAt: Date | undefined } | undefined;
  /** What withdraws it, the newest first. */
  readonly revocations: readonly ExplainedRevocation[];
}

export interface ExplainedSession {
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | undefined;
  readonly endReason: SessionEnd | undefined;
}

export interface ExplainedRevocation {
  readonly kind: string;
  readonly reason: string;
  readonly recordedAt: Date;
  /** Undefined while it is waiting to be published. */
  readonly publishedAt: Date | undefined;
}

/** Explains access tokens to operators. Reads only, and keeps the token nowhere. */
@Injectable()
export class TokenExplanationService {
  constructor(
    private readonly keys: SigningKeysService,
    private readonly accounts: AccountsRepository,
    private readonly revocations: RevocationsRepository,
    @Inject(OWN_ACCESS_TOKENS) private readonly accessTokens: VerifiesAccessTokens,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
  ) {}

  /** Undefined for what is no compact JWS with a JSON payload. */
  async explain(presentedToken: string): Promise<TokenExplanation | undefined> {
    const jws = parseCompactJws(presentedToken, LONGEST_TOKEN);
    const unverifiedClaims = jws && parseStrictJsonObject(jws.unverifiedPayload);
    if (!jws || !unverifiedClaims) return undefined;
    const { kid } = jws.unverifiedHeader;
    const [sub, sid] = [uuidOf(unverifiedClaims['sub']), uuidOf(unverifiedClaims['sid'])];
    const keys = await this.keys.list();
    const account = sub === undefined ? undefined : await this.accounts.findById(sub);
    return {
      unverifiedHeader: jws.unverifiedHeader,
      unverifiedClaims,
      verification: await this.verify(presentedToken),
      key: keys.find((each) => each.kid === kid),
      session: sid === undefined ? undefined : await this.findSession(sid),
      account: account && { lockedAt: account.lockedAt },
      revocations: await this.findRevocations(unverifiedClaims, kid),
    };
  }

  private async verify(presentedToken: string): Promise<string> {
    try {
      await this.accessTokens.verify(presentedToken);
      return 'accepted';
    } catch (error) {
      if (error instanceof TokenRejected) return error.code;
      throw error;
    }
  }

  private async findSession(id: string): Promise<ExplainedSession | undefined> {
    const row = await this.database.db
      .selectFrom('sessions')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return (
      row && {
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at,
        expiresAt: row.expires_at,
        endedAt: row.ended_at ?? undefined,
        endReason: row.end_reason ?? undefined,
      }
    );
  }

  private async findRevocations(
    { jti, sid, sub, client_id, iat, cnf }: Readonly<Record<string, unknown>>,
    kid: unknown,
  ): Promise<readonly ExplainedRevocation[]> {
    const { 'x5t#S256': certificate } = Object(cnf) as Readonly<Record<string, unknown>>;
    const named = [jti, sid, sub, client_id, certificate, kid];
    const ids = named.filter((id): id is string => typeof id === 'string' && ID.test(id));
    if (ids.length === 0) return [];
    const found = await this.revocations.findByRevokedIds(ids);
    return found
      .filter(({ issued_before }) => !issued_before || Number(iat) * 1000 < issued_before.getTime())
      .map((row) => ({
        kind: row.kind,
        reason: row.reason,
        recordedAt: row.recorded_at,
        publishedAt: row.published_at ?? undefined,
      }));
  }
}

function uuidOf(value: unknown): string | undefined {
  return typeof value === 'string' && isUuid(value) ? value : undefined;
}
