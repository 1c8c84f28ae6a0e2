import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger';

/** Says once that spans cannot be delivered, and once that they can be again, however long that takes. */
export class QuietExporter implements SpanExporter {
  #lost = 0;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly logger: Logger,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const settle = (error: unknown): void => {
      this.#note(spans.length, error);
      // A failure would be told to a handler of the whole process, each time.
      done({ code: ExportResultCode.SUCCESS });
    };
    try {
      this.exporter.export(spans, ({ code, error }) => {
        settle(code === ExportResultCode.SUCCESS ? undefined : (error ?? new Error('not taken')));
      });
    } catch (error) {
      settle(error);
    }
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    await this.exporter.shutdown();
  }

  #note(count: number, error: unknown): void {
    if (error === undefined) {
      if (this.#lost > 0) this.logger.info({ event: 'traces_delivered_again', lost: this.#lost });
      this.#lost = 0;
      return;
    }
    if (this.#lost === 0) this.logger.warn({ event: 'traces_not_delivered', error });
    this.#lost += count;
  }
}
