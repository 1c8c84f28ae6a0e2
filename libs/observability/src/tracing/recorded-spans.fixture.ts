import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { samplerOf, type SamplerName } from './sampler-of';
import { traceBy } from './spans';

/** Keeps the spans that are made in this process until it is stopped. */
export class RecordedSpans {
  readonly #exporter = new InMemorySpanExporter();

  constructor(sampler: SamplerName = 'parentbased_always_on') {
    const provider = new TracerProvider({
      sampler: samplerOf(sampler, 0),
      spanProcessors: [new SimpleSpanProcessor({ exporter: this.#exporter })],
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    traceBy(provider.getTracer('spec'));
  }

  /** Those that have ended. */
  get ended(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  stop(): void {
    traceBy(undefined);
    context.disable();
  }
}
