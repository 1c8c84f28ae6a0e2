import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { get, request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import {
  apiKeysV1,
  authV1,
  createRpcClient,
  partnersV1,
  type RpcClient,
} from '@sallyport/contracts';
import { GrpcTransport, type RunningService } from '@sallyport/nest-zero-trust';
import { FakeCa, postgresForTests } from '@sallyport/testing';
import { authorizeId, mutualTlsClientOptions } from '@sallyport/workload-identity';
import { start } from './start';

const SERVICE = 'auth-service';

export const ISSUER = 'https://localhost:8443';

/** An account of the file the service is started with. */
export const SEEDED = {
  email: 'operator@example.com',
  password: randomBytes(16).toString('hex'),
  scopes: ['keys:manage'],
};

/** A partner of the file the service is started with. */
export const SEEDED_PARTNER = {
  id: 'acme',
  name: 'Acme Ltd',
  scopes: ['orders:read', 'billing:read'],
  names: ['dns:api.acme.example'],
};

export type AuthClient = RpcClient<typeof authV1.AuthServiceDefinition>;
export type ApiKeysClient = RpcClient<typeof apiKeysV1.ApiKeyServiceDefinition>;

export type PartnersClient = RpcClient<typeof partnersV1.PartnerServiceDefinition>;

export interface HttpsAnswer {
  readonly statusCode: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly content: unknown;
}

/** auth-service as its process starts it, on real stores, seen from other workloads. */
export class StartedAuthService {
  readonly #transports: GrpcTransport[] = [];

  private constructor(
    readonly ca: FakeCa,
    private readonly folder: string,
    private environment: Readonly<Record<string, string>>,
    private service: RunningService,
  ) {}

  static async start(redisUrl: string): Promise<StartedAuthService> {
    const folder = await mkdtemp(join(tmpdir(), 'auth-service-'));
    const ca = await FakeCa.create();
    await ca.writeIdentityFiles(folder, SERVICE);
    await writeFile(join(folder, 'key'), randomBytes(32).toString('base64'));
    await writeFile(join(folder, 'accounts.json'), JSON.stringify([SEEDED]));
    await writeFile(join(folder, 'partners.json'), JSON.stringify([SEEDED_PARTNER]));
    const settings = {
      SVID_DIR: folder,
      DATABASE_URL: await postgresForTests(),
      REDIS_URL: redisUrl,
      ISSUER,
      KEY_ENCRYPTION_KEY_FILE: join(folder, 'key'),
      SEED_ACCOUNTS_FILE: join(folder, 'accounts.json'),
      SEED_PARTNERS_FILE: join(folder, 'partners.json'),
      LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
      REGISTRATIONS_PER_ADDRESS: '100000',
      PASSWORD_RESETS_PER_ADDRESS: '100000',
      LOG_LEVEL: 'silent',
    };
    for (let attempt = 1; ; attempt += 1) {
      const environment = {
        ...settings,
        GRPC_LISTEN: await freeAddress(),
        HTTPS_LISTEN: await freeAddress(),
        OPS_LISTEN: await freeAddress(),
      };
      try {
        return new StartedAuthService(ca, folder, environment, await start(environment));
      } catch (error) {
        if (attempt === START_ATTEMPTS || !isAddressTaken(error)) throw error;
      }
    }
  }

  /** What it was started with. */
  get settings(): Readonly<Record<string, string>> {
    return this.environment;
  }

  /** @param meanwhile done while it is stopped; resolves with settings that are different from then on */
  async restart(meanwhile?: () => Promise<Readonly<Record<string, string>>>): Promise<void> {
    await this.service.close();
    this.environment = { ...this.environment, ...(await meanwhile?.()) };
    this.service = await start(this.environment);
  }

  async close(): Promise<void> {
    for (const transport of this.#transports) transport.close();
    await this.service.close();
    await rm(this.folder, { recursive: true });
  }

  /** The gRPC face, called with another workload's certificate. */
  async clientOf(caller: string): Promise<AuthClient> {
    return createRpcClient(authV1.AuthServiceDefinition, await this.transportOf(caller));
  }

  /** The same, for what it does with API keys. */
  async apiKeysClientOf(caller: string): Promise<ApiKeysClient> {
    return createRpcClient(apiKeysV1.ApiKeyServiceDefinition, await this.transportOf(caller));
  }

  /** The part of it for partners. */
  async partnersClientOf(caller: string): Promise<PartnersClient> {
    return createRpcClient(partnersV1.PartnerServiceDefinition, await this.transportOf(caller));
  }

  private async transportOf(caller: string): Promise<GrpcTransport> {
    const transport = new GrpcTransport({
      address: this.environment['GRPC_LISTEN'] ?? '',
      source: await this.ca.source(caller),
      peer: this.ca.spiffeId(SERVICE),
    });
    this.#transports.push(transport);
    return transport;
  }

  /** The HTTPS face, asked with another workload's certificate. */
  async get(caller: string, path: string): Promise<HttpsAnswer> {
    const authorizer = authorizeId(this.ca.spiffeId(SERVICE));
    const outgoing = get(`https://${this.environment['HTTPS_LISTEN'] ?? ''}${path}`, {
      ...mutualTlsClientOptions(await this.ca.context(caller), authorizer),
      agent: false,
    });
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const { statusCode, headers } = response;
    return { statusCode, headers, content: await json(response) };
  }

  /** A form posted to the HTTPS face, with another workload's certificate. */
  async post(
    caller: string,
    path: string,
    form: string,
    headersSent: Readonly<Record<string, string>> = {},
  ): Promise<HttpsAnswer> {
    const authorizer = authorizeId(this.ca.spiffeId(SERVICE));
    const outgoing = request(`https://${this.environment['HTTPS_LISTEN'] ?? ''}${path}`, {
      ...mutualTlsClientOptions(await this.ca.context(caller), authorizer),
      agent: false,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headersSent },
    });
    outgoing.end(form);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const { statusCode, headers } = response;
    return { statusCode, headers, content: await json(response) };
  }

  async operations(path: string): Promise<string> {
    return (await fetch(`http://${this.environment['OPS_LISTEN'] ?? ''}${path}`)).text();
  }

  /** The value of the metric with labels that begin with these. */
  async counted(labels: string): Promise<number> {
    const metrics = await this.operations('/metrics');
    const line = metrics.split('\n').find((each) => each.includes(`{${labels}`));
    return Number(line?.split(' ').at(-1) ?? 0);
  }
}

/** Suites run side by side: another may take an address between the look for it and the start. */
const START_ATTEMPTS = 5;

function isAddressTaken(error: unknown): boolean {
  return (error as Partial<NodeJS.ErrnoException> | undefined)?.code === 'EADDRINUSE';
}

async function freeAddress(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return `127.0.0.1:${port}`;
}
