import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { correlationId, createLogger } from '@sallyport/observability';
import { eachBatch, removeInBatches } from './repeated-job';
import type { RepeatedJob } from './repeated-job';
import { repeated, RepeatedPasses } from './repeated-passes';

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await tick();
}

function setUp(run: RepeatedJob['run'], pauseMs = () => 0) {
  const lines: unknown[] = [];
  const logger = createLogger({
    service: 'a-service',
    level: 'info',
    destination: { write: (line) => lines.push(JSON.parse(line)) },
  });
  return { passes: new RepeatedPasses({ name: 'a_job', pauseMs, run }, logger), lines };
}

describe('RepeatedPasses', () => {
  it('does pass after pass, never two at once, with the pause it is told each time', async () => {
    let [running, most, count, asked] = [0, 0, 0, 0];
    const { passes } = setUp(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await tick();
        running -= 1;
        count += 1;
      },
      () => {
        asked += 1;
        return 0;
      },
    );
    passes.onApplicationBootstrap();
    await until(() => count >= 3);
    await passes.onModuleDestroy();
    expect(most).toBe(1);
    expect(asked).toBeGreaterThanOrEqual(count);
    const before = count;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(count).toBe(before);
  });

  it('waits for the pass under way when it stops, and tells it so', async () => {
    const seen: (boolean | undefined)[] = [];
    let isUnderWay = false;
    const { passes } = setUp(async (stopping) => {
      isUnderWay = true;
      while (stopping?.aborted === false) await tick();
      seen.push(stopping?.aborted);
    });
    passes.onApplicationBootstrap();
    await until(() => isUnderWay);
    await passes.onModuleDestroy();
    expect(seen).toEqual([true]);
  });

  it('does nothing when it stops before the first pass', async () => {
    let count = 0;
    const { passes } = setUp(
      async () => {
        count += 1;
      },
      () => 1,
    );
    passes.onApplicationBootstrap();
    await passes.onModuleDestroy();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(count).toBe(0);
  });

  it('leaves a line in the log of a pass that rejects, and goes on under another correlation id', async () => {
    const ids: unknown[] = [];
    const { passes, lines } = setUp(async () => {
      ids.push(correlationId());
      if (ids.length === 1) throw new Error('gone');
    });
    passes.onApplicationBootstrap();
    await until(() => ids.length >= 2);
    await passes.onModuleDestroy();
    expect(lines).toMatchObject([{ event: 'a_job_failed', error: { message: 'gone' } }]);
    expect(ids[0]).toEqual(expect.any(String));
    expect(ids[1]).not.toBe(ids[0]);
  });
});

describe('repeated', () => {
  it('begins with the application and ends with it', async () => {
    const LOGGER = Symbol('Logger');
    let count = 0;
    class AJob implements RepeatedJob {
      readonly name = 'a_job';
      pauseMs(): number {
        return 0;
      }
      async run(): Promise<void> {
        count += 1;
      }
    }
    @Module({ providers: [{ provide: LOGGER, useValue: {} }, ...repeated(AJob, LOGGER)] })
    class AModule {}

    const app = await NestFactory.createApplicationContext(AModule, { logger: false });
    expect(app.get(AJob)).toBeInstanceOf(AJob);
    await until(() => count > 0);
    await app.close();
    const before = count;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(count).toBe(before);
  });
});

describe('removeInBatches', () => {
  const removing = (...counts: number[]) => {
    const limits: number[] = [];
    return {
      limits,
      remove: async (limit: number) => {
        limits.push(limit);
        return counts.shift() ?? 0;
      },
    };
  };

  it('ends with the first batch that is not full', async () => {
    const { remove, limits } = removing(500, 500, 499, 500);
    await removeInBatches(undefined, remove);
    expect(limits).toEqual([500, 500, 500]);
  });

  it('begins no batch once it is to stop', async () => {
    const stopping = new AbortController();
    let batches = 0;
    await eachBatch(stopping.signal, async () => {
      batches += 1;
      if (batches === 2) stopping.abort();
      return true;
    });
    expect(batches).toBe(2);
  });
});
