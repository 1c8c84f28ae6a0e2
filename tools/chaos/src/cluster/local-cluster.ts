import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRedisServer, startEmbeddedPostgres, startSharedState } from '@sallyport/dev-stores';
import type { PostgresServer, SharedState } from '@sallyport/dev-stores';
import { startCluster } from '@sallyport/launcher';
import type { Cluster } from '@sallyport/launcher';
import { Client } from 'pg';
import type { Stores } from '../history/read-state';
import type { Link } from '../link/link';
import { AuditDisk } from './audit-disk';
import type { Ability, ClusterUnderTest } from './cluster-under-test';
import { SERVICES } from './parts';
import type { Disk, Edge, Part, Service } from './parts';
import { familyOf, signalAll } from './process-family';
import { SETTINGS } from './settings';
import { SmallDisk } from './small-disk';
import { SupervisedStore } from './supervised-store';
import { Wiring } from './wiring';

const DATABASE_DISK_MEGABYTES = 900;
const AUDIT_DISK_MEGABYTES = 64;
const READY_TIMEOUT_MS = 1_000;

/** A cluster of its own on this machine: every service, PostgreSQL and Redis a process that can be broken. */
export class LocalCluster implements ClusterUnderTest, Stores {
  readonly #kills: { readonly part: Part; readonly at: number }[] = [];

  private constructor(
    readonly cluster: Cluster,
    readonly home: string,
    private readonly postgres: SupervisedStore<PostgresServer>,
    private readonly redis: SupervisedStore<SharedState>,
    private readonly wiring: Wiring,
    private readonly disks: Readonly<Partial<Record<Disk, SmallDisk>>>,
  ) {}

  static async start(report: (line: string) => void): Promise<LocalCluster> {
    const home = await mkdtemp(join(tmpdir(), 'sallyport-chaos-'));
    // The database server, which is another user when root starts it, passes through.
    await chmod(home, 0o711);
    process.once('exit', () => {
      rmSync(home, { recursive: true, force: true });
    });
    const stores = join(home, 'stores');
    const disk = await SmallDisk.mount(stores, DATABASE_DISK_MEGABYTES);
    await mkdir(stores, { recursive: true, mode: 0o711 });
    const postgres = await SupervisedStore.start<PostgresServer>((former) =>
      startEmbeddedPostgres({
        dataDirectory: join(stores, 'postgres'),
        ...(former !== undefined && { port: former.port }),
      }),
    );
    const redis = await SupervisedStore.start<SharedState>((former) =>
      startSharedState({
        dataDirectory: join(home, 'redis'),
        log: () => undefined,
        ...(former !== undefined && { formerUrl: former.url }),
      }),
    );
    const wiring = await Wiring.open();
    await mkdir(join(home, 'clocks'));
    const cluster = await startCluster({
      home: join(home, 'cluster'),
      ports: 'free',
      databaseUrl: postgres.current.url,
      redisUrl: redis.current.url,
      serviceSettings: SETTINGS,
      adjustSettings: (service, settings) => ({
        ...wiring.adjust(service, settings),
        NODE_OPTIONS: `--require=${join(__dirname, 'skewed-clock.js')}`,
        CHAOS_CLOCK_FILE: clockFile(home, service),
      }),
      log: report,
      onProgress: report,
    });
    const auditDisk = await AuditDisk.move(postgres.current.url, {
      folder: join(home, 'audit-disk'),
      megabytes: AUDIT_DISK_MEGABYTES,
      owner: join(stores, 'postgres', 'cluster'),
    });
    return new LocalCluster(cluster, home, postgres, redis, wiring, {
      ...(disk !== undefined && { database: disk }),
      ...(auditDisk !== undefined && { audit: auditDisk }),
    });
  }

  unable(wanted: Ability): string | undefined {
    switch (wanted) {
      case 'kill redis':
        return findRedisServer() ? undefined : 'needs redis-server or valkey-server on the PATH';
      case 'fill disks':
        return this.disks.audit && this.disks.database
          ? undefined
          : 'needs Linux and the right to mount';
    }
  }

  async kill(part: Part): Promise<void> {
    this.#kills.push({ part, at: performance.now() });
    if (part === 'postgres' || part === 'redis') {
      signalAll([await this.#pidOf(part)], 'SIGKILL');
    } else {
      await this.cluster.kill(part, { restart: true });
    }
  }

  async pause(part: Part): Promise<void> {
    signalAll(familyOf(await this.#pidOf(part)), 'SIGSTOP');
  }

  async resume(part: Part): Promise<void> {
    signalAll(familyOf(await this.#pidOf(part)), 'SIGCONT');
  }

  links(edge: Edge): readonly Link[] {
    return this.wiring.links(edge);
  }

  async setClock(service: Service, offsetMs: number): Promise<void> {
    await writeFile(clockFile(this.home, service), String(offsetMs));
  }

  async fillDisk(disk: Disk): Promise<void> {
    await this.disks[disk]?.fill();
  }

  async freeDisk(disk: Disk): Promise<void> {
    await this.disks[disk]?.free();
  }

  async lockTable(service: Service, table: string): Promise<() => Promise<void>> {
    const url = new URL(this.postgres.current.url);
    url.pathname = new URL(this.databaseUrl(service)).pathname;
    const locker = new Client({ connectionString: url.href });
    await locker.connect();
    await locker.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return () => locker.end();
  }

  log(service: Service): readonly Readonly<Record<string, unknown>>[] {
    return this.cluster.logs(service);
  }

  killedAt(service: Service): readonly number[] {
    return this.#kills.filter(({ part }) => part === service).map(({ at }) => at);
  }

  async isReady(service: Service): Promise<boolean> {
    const { opsUrl } = this.cluster.services[service];
    const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
    return fetch(`${opsUrl}/health/ready`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Past the links, as the service itself would reach it. */
  readonly databaseUrl = (service: Service): string => {
    const url = new URL(this.cluster.services[service].environment['DATABASE_URL'] ?? '');
    url.port = String(this.postgres.current.port);
    return url.href;
  };

  async stop(): Promise<void> {
    for (const service of SERVICES) {
      const { pid } = this.cluster.services[service];
      if (pid !== undefined) signalAll([pid], 'SIGCONT');
    }
    await this.cluster.stop();
    await this.wiring.close();
    await this.redis.stop();
    await this.postgres.stop();
    for (const disk of Object.values(this.disks)) await disk.unmount();
    await rm(this.home, { recursive: true, force: true });
  }

  async #pidOf(part: Part): Promise<number> {
    if (part === 'postgres') {
      const file = join(this.home, 'stores', 'postgres', 'cluster', 'postmaster.pid');
      return Number((await readFile(file, 'utf8')).split('\n')[0]);
    }
    if (part === 'redis') {
      return Number(await readFile(join(this.home, 'redis', 'server', 'redis.pid'), 'utf8'));
    }
    for (;;) {
      const { pid } = this.cluster.services[part];
      if (pid !== undefined) return pid;
      await delay(50);
    }
  }
}

function clockFile(home: string, service: Service): string {
  return join(home, 'clocks', service);
}
