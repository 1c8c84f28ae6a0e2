import type { OnApplicationBootstrap, OnModuleDestroy, Provider, Type } from '@nestjs/common';
import { newCorrelationId, runWithCorrelation, traceOwnWork } from '@sallyport/observability';
import type { Logger } from '@sallyport/observability';
import type { RepeatedJob } from './repeated-job';

/** Does a job again and again while the application runs, with a pause before each pass, and never two passes at once. */
export class RepeatedPasses implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #pass: Promise<void> = Promise.resolve();

  constructor(
    private readonly job: RepeatedJob,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setTimeout(() => {
      this.#pass = this.pass().then(() => {
        if (!this.#stopping.signal.aborted) this.onApplicationBootstrap();
      });
    }, this.job.pauseMs());
  }

  /** Begins no other pass, and waits for the one that is under way. */
  async onModuleDestroy(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#pass;
  }

  /** One pass, under a correlation id and in a trace of its own. Never rejects: there is nobody to tell but the log. */
  pass(): Promise<void> {
    return runWithCorrelation(newCorrelationId(), async () => {
      try {
        await traceOwnWork(this.job.name, () => this.job.run(this.#stopping.signal));
      } catch (error) {
        this.logger.warn({ event: `${this.job.name}_failed`, error });
      }
    });
  }
}

/** A module's providers of a job that is repeated from when the application has started until it stops. */
export function repeated(job: Type<RepeatedJob>, logger: symbol): Provider[] {
  return [
    job,
    {
      provide: Symbol(`RepeatedPasses of ${job.name}`),
      inject: [job, logger],
      useFactory: (instance: RepeatedJob, log: Logger) => new RepeatedPasses(instance, log),
    },
  ];
}
