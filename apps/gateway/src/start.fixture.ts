import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { internalHttpsOptions } from '@sallyport/nest-zero-trust';
import { TokenMint, type FakeCa } from '@sallyport/testing';
import { send, type Sent } from './gateway.fixture';

/** All that a gateway is started with: files, addresses, an issuer whose keys may change. */
export class GatewaySurroundings {
  readonly mint = new TokenMint({ issuer: 'https://gateway.example' });
  /** What the issuer publishes. */
  jwks: unknown = this.mint.jwks;
  #issuer: Server | undefined;

  private constructor(
    readonly ca: FakeCa,
    readonly folder: string,
    readonly ports: { public: number; operations: number; auth: number; gone: number },
    private readonly databaseUrl: string,
  ) {}

  static async prepare(ca: FakeCa, databaseUrl: string): Promise<GatewaySurroundings> {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
    const ports = {
      public: await freePort(),
      operations: await freePort(),
      auth: await freePort(),
      gone: await freePort(),
    };
    const surroundings = new GatewaySurroundings(ca, folder, ports, databaseUrl);
    await ca.writeIdentityFiles(join(folder, 'svid'), 'gateway');
    mkdirSync(join(folder, 'public'));
    await surroundings.writePublicCertificate();
    return surroundings;
  }

  /** Without Redis, and without the services behind. */
  get environment(): Record<string, string> {
    const { ports, folder, mint } = this;
    const gone = `127.0.0.1:${ports.gone}`;
    return {
      SVID_DIR: join(folder, 'svid'),
      PUBLIC_LISTEN: `127.0.0.1:${ports.public}`,
      PUBLIC_TLS_DIR: join(folder, 'public'),
      PUBLIC_URL: mint.issuer,
      AUTH_GRPC_ADDRESS: gone,
      AUTH_HTTPS_URL: `https://127.0.0.1:${ports.auth}`,
      ORDERS_GRPC_ADDRESS: gone,
      BILLING_GRPC_ADDRESS: gone,
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: `redis://${gone}`,
      OPS_LISTEN: `127.0.0.1:${ports.operations}`,
      RATE_LIMIT_SCALE: '1000',
      LOG_LEVEL: 'silent',
    };
  }

  /** Replaces the certificate of the public listener; resolves with the new one. */
  async writePublicCertificate(): Promise<string> {
    const { certificateChainPem, privateKeyPem } = await this.ca.issueSvid('gateway');
    writeFileSync(join(this.folder, 'public', 'tls.crt'), certificateChainPem);
    writeFileSync(join(this.folder, 'public', 'tls.key'), privateKeyPem, { mode: 0o600 });
    return certificateChainPem;
  }

  /** The URL of a database that is away: a gateway gives the last events three seconds at its end. */
  get databaseAway(): string {
    return `postgres://gateway:password@127.0.0.1:${this.ports.gone}/none`;
  }

  async publishKeysAs(service: string): Promise<void> {
    const options = internalHttpsOptions(await this.ca.source(service));
    this.#issuer = createServer(options, (_request, response) =>
      response.end(JSON.stringify(this.jwks)),
    );
    await once(this.#issuer.listen(this.ports.auth, '127.0.0.1'), 'listening');
  }

  send(sent: Sent) {
    return send(this.ports.public, sent);
  }

  async readiness(): Promise<{ status: string; checks: Record<string, string> }> {
    const response = await this.#operations('/health/ready');
    return (await response.json()) as { status: string; checks: Record<string, string> };
  }

  async metrics(): Promise<string> {
    return (await this.#operations('/metrics')).text();
  }

  close(): void {
    this.#issuer?.closeAllConnections();
    this.#issuer?.close();
    rmSync(this.folder, { recursive: true });
  }

  #operations(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.ports.operations}${path}`);
  }
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
