import { TokenExplanationService } from '../operators/token-explanation.service';
import type { TokenExplanation } from '../operators/token-explanation.service';
import { UsageError } from './command';
import type { Command } from './command';
import { table } from './table';

const TIMES = new Set(['iat', 'exp', 'nbf', 'auth_time']);

/**
 * `explain-token`: what a token says, and why it is accepted or not. It is read from the standard input: an argument
 * would stand in the history of the shell and in the list of processes.
 */
export const explainTokenCommand: Command = {
  usage: [['explain-token < FILE', 'says what an access token is, and why it is accepted or not']],

  async run({ app, arguments: rest, readInput, print }) {
    if (rest.length > 0) throw new UsageError();
    const token = (await readInput()).trim().replace(/^Bearer\s+/i, '');
    if (token === '') throw new UsageError();
    const explanation = await app.get(TokenExplanationService).explain(token);
    if (!explanation) {
      print('This is no access token: not a compact JWS with a JSON payload.');
      return;
    }
    for (const line of linesOf(explanation)) print(line);
  },
};

/** In the order in which somebody who wonders would ask. */
export function linesOf(explanation: TokenExplanation): readonly string[] {
  const { unverifiedHeader, unverifiedClaims } = explanation;
  return [
    verdictOf(explanation),
    '',
    'It says of itself',
    ...indented(Object.entries({ ...unverifiedHeader, ...unverifiedClaims }).map(claimRow)),
    '',
    'Known of it',
    ...indented([
      ['verification', explanation.verification],
      ['signing key', keyText(explanation)],
      ['session', sessionText(explanation)],
      ['account', accountText(explanation)],
    ]),
    '',
    ...revocationLines(explanation),
  ];
}

function verdictOf({ verification, revocations }: TokenExplanation): string {
  if (verification !== 'accepted') return `REFUSED: ${verification}`;
  const [latest] = revocations;
  if (latest) return `REFUSED: revoked by ${latest.kind}, because of ${latest.reason}`;
  return 'ACCEPTED';
}

function claimRow([name, value]: [string, unknown]): readonly string[] {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  const at = new Date(Number(value) * 1000);
  const isMoment = TIMES.has(name) && typeof value === 'number' && !Number.isNaN(at.getTime());
  return [printable(name), isMoment ? `${value} (${at.toISOString()})` : printable(shown)];
}

/** Whoever made the token has written this: no control character of theirs reaches the operator's terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (each) => {
    return `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function keyText({ key }: TokenExplanation): string {
  if (!key) return 'unknown here';
  switch (key.state) {
    case 'prepared':
      return 'prepared: it has not signed anything yet';
    case 'active':
      return `active since ${moment(key.activatedAt)}`;
    case 'retired':
      return `retired, verifies until ${moment(key.verifiesUntil)}`;
    case 'tainted':
      return `TAINTED since ${moment(key.taintedAt)}`;
  }
}

function sessionText({ session }: TokenExplanation): string {
  if (!session) return 'unknown here, or long over';
  if (session.endedAt) return `ENDED at ${moment(session.endedAt)}: ${session.endReason ?? ''}`;
  return `live: opened ${moment(session.createdAt)}, last used ${moment(session.lastUsedAt)}, ends ${moment(session.expiresAt)}`;
}

function accountText({ account }: TokenExplanation): string {
  if (!account) return 'unknown here, or deleted';
  return account.lockedAt ? `LOCKED since ${moment(account.lockedAt)}` : 'may sign in';
}

function revocationLines({ revocations }: TokenExplanation): readonly string[] {
  if (revocations.length === 0) return ['Nothing revokes it.'];
  return [
    'Revoked',
    ...indented(
      revocations.map(({ kind, reason, recordedAt, publishedAt }) => [
        `by ${kind}`,
        reason,
        `recorded ${moment(recordedAt)}`,
        publishedAt ? `published ${moment(publishedAt)}` : 'NOT PUBLISHED YET',
      ]),
    ),
  ];
}

function indented(rows: readonly (readonly string[])[]): readonly string[] {
  return table(rows).map((line) => `  ${line}`);
}

function moment(at: Date | undefined): string {
  return at?.toISOString() ?? '-';
}
