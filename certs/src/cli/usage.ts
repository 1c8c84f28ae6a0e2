import { join } from 'node:path';
import type { ParseArgsConfig } from 'node:util';

export const OPTIONS = {
  dir: { type: 'string', default: join('certs', 'dev') },
  store: { type: 'string', multiple: true, default: [] },
  'public-name': { type: 'string', multiple: true },
  owner: { type: 'string', multiple: true, default: [] },
  'leaf-seconds': { type: 'string', default: '3600' },
  'within-seconds': { type: 'string', default: '60' },
  'settle-seconds': { type: 'string', default: '10' },
} satisfies ParseArgsConfig['options'];

export const USAGE = `Usage: node certs/dist/cli.js <command> [--dir certs/dev]
  init [service ...]   create the authorities and the public certificate, if need be, and a
                       certificate for each service and store that has no sound one
  keep [service ...]   as init, then keep all of them renewed until SIGTERM
  kept [--within-seconds 60]
                       whether a keep saw to this folder within that time (exit code 0 or 1)
  issue <service ...>  issue a new certificate for each service
  issue-partner <name> <dns name>
                       issue a new client certificate for a partner, into partner/<name>
  revoke-partner [serial ...]
                       write the revocation list of partner certificates anew, with these serial
                       numbers beside those in it
  roots                the workload roots and their states, the intermediate, who is denied
  prepare-root         publish the next workload root beside the present one
  activate-root        let the prepared root sign; the one before stays trusted
  retire-root          trust the one before no more: all that was issued under it is refused
  replace-root [--settle-seconds 10]
                       the three of them, with that time after each of the first two
  rotate-intermediate  replace the intermediate
  deny <service>       issue no certificate to this service any more
  allow <service>      issue certificates to it again
  show                 list what the folder holds and until when it is valid

The commands from prepare-root to rotate-intermediate change what signs and wait until a running keep (or
the launcher) has renewed every workload; where none runs, run init after each.

Options of init and keep:
  --store name[=host,…]       a database or shared state with a certificate in stores/<name>
  --public-name host          a name of the public certificate, instead of localhost, 127.0.0.1, ::1
  --owner directory=UID:GID   whose files those of a directory are, e.g. stores/postgres=999:999;
                              with :GID the owner stays and the group may read the key
  --leaf-seconds 3600         how long a workload certificate lives`;

/** A command line that asks for something there is not. */
export class UsageError extends Error {}
