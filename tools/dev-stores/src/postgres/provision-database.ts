import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { errorCode, errorText } from '../error-text';
import { StoreUnavailable } from '../store-unavailable.error';
import { scramVerifier } from './scram-verifier';

/** One service's database: a database and the role that owns it, both of this name. */
export interface DatabaseCredentials {
  /** Lower-case letters, digits, `-` and `_`, a letter first, at most 63. */
  readonly name: string;
  /** Printable ASCII. */
  readonly password: string;
}

/** Serialises provisioning on one server; any number will do that nothing else uses. */
const LOCK = 7_266_795_310;

/**
 * Makes sure that a role and a database of this name exist, that the role has this password and owns the
 * database, and that nobody else may connect to it. Doing it again, or in parallel, changes nothing.
 *
 * The administrator may be a superuser, or a role with CREATEROLE and CREATEDB.
 *
 * @returns the URL of the database for the role, with the parameters (TLS and so on) of the administrator's.
 * @throws TypeError for a name or password that cannot be used.
 * @throws StoreUnavailable when the server does not answer or does not let the administrator do this.
 */
export async function provisionDatabase(
  adminUrl: string,
  { name, password }: DatabaseCredentials,
): Promise<string> {
  if (!/^[a-z][a-z0-9_-]{0,62}$/.test(name)) {
    throw new TypeError(
      'a database name is up to 63 of a-z, 0-9, - and _, and starts with a letter',
    );
  }
  const verifier = scramVerifier(password);
  const url = new URL(adminUrl);
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  try {
    await connect(client, url.host);
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await provisionRole(client, name, verifier);
    await provisionOwnDatabase(client, name);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    const problem =
      errorCode(error) === '42501' ? 'lets this user not provision' : 'does not provide';
    throw new StoreUnavailable(
      `the database server at ${url.host} ${problem} the database "${name}" (${errorText(error)})`,
      { cause: error },
    );
  } finally {
    await client.end();
  }
  return urlFor(url, name, password);
}

async function connect(client: Client, host: string): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    // SQLSTATE class 28: the server is there and does not let this user in.
    const problem = errorCode(error)?.startsWith('28') ? 'refuses this user' : 'does not answer';
    throw new StoreUnavailable(`the database server at ${host} ${problem} (${errorText(error)})`, {
      cause: error,
    });
  }
}

function urlFor(admin: URL, name: string, password: string): string {
  const url = new URL(admin);
  url.username = name;
  url.password = encodeURIComponent(password);
  url.pathname = name;
  // pg lets these override the ones before the host.
  for (const parameter of ['user', 'password']) url.searchParams.delete(parameter);
  return url.href;
}

async function provisionRole(client: Client, name: string, verifier: string): Promise<void> {
  const role = escapeIdentifier(name);
  const { rows } = await client.query<{ privileged: boolean }>(
    `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS privileged
       FROM pg_roles WHERE rolname = $1`,
    [name],
  );
  if (rows[0]?.privileged) {
    throw new StoreUnavailable(
      `the role "${name}" is an administrator's and cannot be a service's`,
    );
  }
  const verb = rows.length === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${role} LOGIN PASSWORD ${escapeLiteral(verifier)}`);
}

async function provisionOwnDatabase(client: Client, name: string): Promise<void> {
  const identifier = escapeIdentifier(name);
  const { rows } = await client.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [name],
  );
  const owner = rows[0]?.owner;
  if (owner !== undefined && owner !== name) {
    throw new StoreUnavailable(`the database "${name}" exists and belongs to the role "${owner}"`);
  }
  if (owner === undefined) {
    // Whoever is no superuser gives a database only to a role of which it is a member.
    await client.query(`GRANT ${identifier} TO CURRENT_USER`);
    await client.query(
      `CREATE DATABASE ${identifier} OWNER ${identifier} TEMPLATE template0 ENCODING 'UTF8'`,
    );
  }
  await client.query(`REVOKE ALL ON DATABASE ${identifier} FROM PUBLIC`);
}
