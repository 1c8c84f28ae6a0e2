import { logLevel, namespaceName, secretText, text, trustDomain } from './text-fields';
import { mailbox, smtpUrl } from './mail-fields';
import { durationSeconds, integer } from './number-fields';
import { directory, file } from './path-fields';
import { listenAddress, targetAddress } from './address-fields';
import { databaseUrl, redisUrl } from './store-url-fields';
import { httpsUrl, issuerUrl } from './https-url-fields';

/** The kinds of values an environment variable may hold. Each field takes `.optional()` and `.default(value)`. */
export const fields = {
  listenAddress,
  targetAddress,
  httpsUrl,
  issuerUrl,
  databaseUrl,
  redisUrl,
  smtpUrl,
  mailbox,
  directory,
  file,
  integer,
  durationSeconds,
  logLevel,
  trustDomain,
  namespaceName,
  text,
  secretText,
} as const;
