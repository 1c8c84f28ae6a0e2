import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';

/** Names the file; the run starts a cluster of its own when it is not set. */
export const CLUSTER_FILE_VARIABLE = 'SALLYPORT_E2E_CLUSTER_FILE';

const address = z
  .string()
  .regex(
    /^(?:[\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/,
    'expected host:port, as it is reached from here',
  );

const baseUrl = z
  .url({ protocol: /^https$/, error: 'expected an https URL' })
  .transform((text) => new URL(text).origin);

/** Relative to the folder of the cluster file. */
const path = z.string().min(1);

/** A program with its arguments, run without a shell in the folder of the cluster file, with the environment of the run. */
const command = z.array(z.string()).min(1, 'expected a program and its arguments');

const runnable = z.strictObject({
  command,
  /** Beside what the run has in its own environment. */
  environment: z.record(z.string(), z.string()).default({}),
});

const file = z.strictObject({ file: path });
const folder = z.strictObject({ folder: path });

const ofEveryService = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({
    gateway: value,
    'auth-service': value,
    'orders-service': value,
    'billing-service': value,
  });

/** What a cluster that runs already says of itself. Only where its public face is has to be told. */
const schema = z.strictObject({
  /** Public base URL, which is also the issuer of its tokens. */
  gatewayUrl: baseUrl,
  /** Where that is reached from here; unless given, the URL's own host and port, `localhost` as 127.0.0.1. */
  gatewayAddress: address.optional(),
  /** PEM file of the authority that signed the public certificate; the authorities Node knows unless given. */
  caFile: path.optional(),
  /** The address by which the gateway sees a client on this machine. */
  clientAddress: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'),

  /** The listener for partners. */
  partners: z.strictObject({ url: baseUrl, address: address.optional() }).optional(),
  /** The gateway's listener for plain HTTP. */
  plainAddress: address.optional(),
  /** The internal listeners, each as it is reached from here. */
  internal: z
    .strictObject({
      'auth-service': z.strictObject({ grpc: address, https: address }),
      'orders-service': z.strictObject({ grpc: address }),
      'billing-service': z.strictObject({ grpc: address }),
    })
    .optional(),
  /** The operations listener of each service, as it is reached from here. */
  operations: ofEveryService(address).optional(),
  /**
   * A folder as the dev CA keeps it, or a copy of one: `ca/` with the keys of the authorities, `bundle.pem`, `ca.pem`,
   * `workloads/<service>/tls.{crt,key}`, `public/tls.{crt,key}`. SVIDs in a copy last as long as they last. `isLive`: the
   * services read this very folder, so that what a spec renews in it reaches them.
   */
  certificates: z.strictObject({ folder: path, isLive: z.boolean().default(false) }).optional(),
  /**
   * The JSON lines each service logs: a file that grows, or a command that prints what was logged so far and then what
   * comes, until it is ended.
   */
  logs: ofEveryService(z.union([file, z.strictObject({ command })])).optional(),
  /** Each service's own database, with its own role, as `pg` takes it: `sslmode` and `sslrootcert` say how it is verified. */
  databases: ofEveryService(
    z.url({ protocol: /^postgres(?:ql)?$/, error: 'expected a postgres:// URL' }),
  ).optional(),
  /** What auth-service seals its signing keys with. */
  keyEncryptionKey: file.optional(),
  /**
   * Mail and text messages that are kept instead of being sent: the folder, or a command that prints the content of its
   * files, the oldest first, as one JSON array of strings.
   */
  outbox: z.union([folder, z.strictObject({ command })]).optional(),
  /** Accounts it was started with, `alice`, `bob`, `viewer` and `operator`, each `@example.com`, among them. */
  seededAccounts: z
    .array(
      z.object({
        email: z.string(),
        password: z.string(),
        role: z.string().default(''),
        scopes: z.array(z.string()).default([]),
      }),
    )
    .optional(),
  /** Runs an operator's command of auth-service: its words are appended, its input is piped in. */
  operator: runnable.optional(),
  /** The folder of `seed-clients.json`, which holds the secret of the sample web application. */
  sampleApps: folder.optional(),
  /** What another gateway beside it, a process on this machine, is run with: its environment, passwords included. */
  gatewayEnvironment: z.record(z.string(), z.string()).optional(),
  /** Whether 127.0.0.1 is the same place for its services and for this run: some of them call back. */
  sharesLoopback: z.boolean().default(false),
});

/** What a cluster file says, its paths made absolute. */
export type DescribedCluster = z.output<typeof schema> & {
  /** Where its commands are run. */
  readonly folder: string;
};

/**
 * Reads the description of a cluster that runs already.
 *
 * @throws Error whose message names the file, and each value that is not as expected on a line of its own
 */
export function readClusterFile(clusterFile: string): DescribedCluster {
  const from = dirname(resolve(clusterFile));
  const parsed = schema.safeParse(jsonIn(clusterFile));
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `  ${issue.path.join('.') || 'the whole'}: ${issue.message}`,
    );
    throw new Error(`cluster file ${clusterFile}:\n${lines.join('\n')}`);
  }
  return { ...withAbsolutePaths(parsed.data, from), folder: from };
}

function jsonIn(clusterFile: string): unknown {
  try {
    return JSON.parse(readFileSync(clusterFile, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cluster file ${clusterFile}: ${reason}`, { cause });
  }
}

/** `file`, `folder` and `caFile` are the only names of paths. */
function withAbsolutePaths<Value>(value: Value, from: string): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, member]: [string, unknown]) =>
    typeof member === 'string' && ['file', 'folder', 'caFile'].includes(name)
      ? [name, resolve(from, member)]
      : [name, withAbsolutePaths(member, from)],
  );
  return Object.fromEntries(entries) as Value;
}
