import { createHash } from 'node:crypto';

export const REDIS_USERS = ['gateway', 'auth-service', 'certificates', 'health'] as const;
export type RedisUser = (typeof REDIS_USERS)[number];

/** What every client of a service says when it connects: its name, and whether Redis has loaded its data yet. */
const CONNECTING = '+client|setname +client|setinfo +info';

/** Counting scripts; what they call is named beside them. */
const SCRIPTS = '+eval +evalsha';

/**
 * Keys and commands, each with its reason in the code: nobody may look for keys, empty the store or change another's. Channels are
 * used by nobody.
 */
const RULES: Readonly<Record<RedisUser, string>> = {
  gateway: [
    CONNECTING,
    // Request counters (a script of SET, INCRBY, PTTL, EXPIRE) and proofs that have been presented (SET NX).
    `${SCRIPTS} +set +incrby +pttl +expire ~gateway:*`,
    // The feed of revocations, to read: a gateway that is taken over can revoke nothing, and hide nothing from others.
    '+xread +get +time %R~{revocations}:*',
  ].join(' '),
  'auth-service': [
    CONNECTING,
    // Asked whether it is ready.
    '+ping',
    // Counters of attempts, refreshes, exchanges and text messages.
    `${SCRIPTS} +set +incrby +pttl +time +hmget +hset +expire +pexpire +del ~auth:*`,
    // The feed, to write.
    '+xadd +xrange +xread +get ~{revocations}:*',
  ].join(' '),
  // Has a renewed certificate read.
  certificates: '+config|set',
  health: '+ping',
};

/**
 * Redis' `aclfile`: one user a line, known by the SHA-256 of a password of 256 random bits. `default`, who everyone is that does not
 * sign in, may do nothing.
 */
export function redisUsersFile(passwordOf: (user: RedisUser) => string): string {
  const lines = REDIS_USERS.map((user) => {
    const hash = createHash('sha256').update(passwordOf(user)).digest('hex');
    return `user ${user} on sanitize-payload #${hash} resetchannels -@all ${RULES[user]}`;
  });
  return `${['user default off resetchannels -@all', ...lines].join('\n')}\n`;
}
