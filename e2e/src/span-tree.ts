import type { ReceivedSpan } from '@sallyport/testing';

const KINDS = ['unspecified', 'internal', 'server', 'client'];

/** `service kind name`. */
export function labelOf({ service, kind, name }: ReceivedSpan): string {
  return `${service} ${KINDS[kind] ?? kind} ${name}`;
}

/** Spans by who began them. */
export class SpanTree {
  readonly #byId: ReadonlyMap<string, ReceivedSpan>;

  constructor(readonly spans: readonly ReceivedSpan[]) {
    this.#byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  /** The tree of one trace. */
  static ofTrace(spans: readonly ReceivedSpan[], traceId: string): SpanTree {
    return new SpanTree(spans.filter((span) => span.traceId === traceId));
  }

  /** Those without a parent. */
  get roots(): readonly ReceivedSpan[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId === '');
  }

  /** The labels from the first span down to this one; ends early where a span is missing. */
  pathTo(span: ReceivedSpan): readonly string[] {
    const parent = this.#byId.get(span.parentSpanId);
    return [...(parent === undefined ? [] : this.pathTo(parent)), labelOf(span)];
  }

  /** The first span with this label. @throws Error when there is none */
  get(label: string): ReceivedSpan {
    const found = this.spans.find((span) => labelOf(span) === label);
    if (found !== undefined) return found;
    throw new Error(`no ${label} among: ${this.spans.map(labelOf).join(', ')}`);
  }

  has(label: string): boolean {
    return this.spans.some((span) => labelOf(span) === label);
  }
}
