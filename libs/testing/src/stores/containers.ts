import { randomBytes } from 'node:crypto';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import type { StartedTestContainer } from 'testcontainers';

interface Started {
  readonly url: string;
  stop(): Promise<unknown>;
}

/** A PostgreSQL in a container; undefined when no engine answers or the image cannot be had. */
export function startPostgresContainer(): Promise<Started | undefined> {
  const password = randomBytes(16).toString('hex');
  return start(
    new GenericContainer('postgres:17-alpine')
      .withEnvironment({ POSTGRES_PASSWORD: password })
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=300'])
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2)),
    (container) =>
      `postgres://postgres:${password}@${container.getHost()}:${String(container.getMappedPort(5432))}/postgres`,
  );
}

/** A Redis in a container; undefined when no engine answers or the image cannot be had. */
export function startRedisContainer(): Promise<Started | undefined> {
  const password = randomBytes(16).toString('hex');
  return start(
    new GenericContainer('redis:7.4-alpine')
      .withCommand(['redis-server', '--requirepass', password])
      .withExposedPorts(6379)
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/)),
    (container) =>
      `redis://:${password}@${container.getHost()}:${String(container.getMappedPort(6379))}`,
  );
}

async function start(
  definition: GenericContainer,
  urlOf: (container: StartedTestContainer) => string,
): Promise<Started | undefined> {
  try {
    await getContainerRuntimeClient();
    const container = await definition.start();
    return { url: urlOf(container), stop: () => container.stop() };
  } catch {
    // No engine, or no image: the next rung of the ladder serves.
    return undefined;
  }
}
