import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { formatTraceparent, parseTraceparent } from './trace-parent';

/** A piece of work as a trace shows it. */
export type TraceSpan = Span;

export interface SpanDescription {
  /** Of low cardinality: a route template, a method, a command; never what a client has sent. */
  readonly name: string;
  /** OpenTelemetry's names; never a credential, a parameter or the id of a person. */
  readonly attributes?: Attributes;
}

export interface RequestDescription extends SpanDescription {
  /** The `traceparent` values of a workload that is known by its certificate: the span continues that trace. */
  readonly believed?: readonly string[];
  /** Those of anybody else: the span begins a trace of its own, which names theirs. */
  readonly linked?: readonly string[];
}

let tracer: Tracer | undefined;

/** Has spans made by this tracer from now on, or none. Where there is none, nothing here costs more than this look. */
export function traceBy(chosen: Tracer | undefined): void {
  tracer = chosen;
}

/** Whether requests are traced in this process at all. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

/** Whether what is being done belongs to a trace that is kept. */
export function isTraced(): boolean {
  return tracer !== undefined && trace.getActiveSpan()?.isRecording() === true;
}

/** Begins the work on a request, whatever is under way; undefined when nothing is traced. */
export function startRequestSpan(description: RequestDescription): TraceSpan | undefined {
  if (tracer === undefined) return undefined;
  const { name, attributes = {}, believed, linked } = description;
  const parent = believed && parseTraceparent(believed);
  const link = linked && parseTraceparent(linked);
  return tracer.startSpan(
    name,
    { kind: SpanKind.SERVER, attributes, ...(link && { links: [{ context: link }] }) },
    parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
  );
}

/** Begins a call to somebody else; undefined unless what asks for it is traced. */
export function startCallSpan({ name, attributes = {} }: SpanDescription): TraceSpan | undefined {
  if (tracer === undefined || !isTraced()) return undefined;
  return tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
}

/** Does work that nobody has asked for from outside, as a trace of its own, whatever it was started by. */
export async function traceOwnWork<Result>(
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  if (tracer === undefined) return work();
  const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL }, ROOT_CONTEXT);
  try {
    return await runInSpan(span, work);
  } catch (error) {
    failSpan(span, errorTypeOf(error));
    throw error;
  } finally {
    span.end();
  }
}

/** Runs work so that what it calls becomes part of a span's trace. */
export function runInSpan<Result>(span: TraceSpan | undefined, work: () => Result): Result {
  return span === undefined ? work() : context.with(trace.setSpan(ROOT_CONTEXT, span), work);
}

/** Marks a span as failed. @param errorType of low cardinality: a status, a code; never a message */
export function failSpan(span: TraceSpan, errorType: string): void {
  span.setAttribute(ATTR_ERROR_TYPE, errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** What to send along so that the callee's work becomes part of the trace: of a call, or of what is being done. */
export function traceparentFor(call: TraceSpan | undefined): string | undefined {
  if (tracer === undefined) return undefined;
  const spanContext = (call ?? trace.getActiveSpan())?.spanContext();
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return undefined;
  return formatTraceparent(spanContext);
}

/** The id of the trace that what is being done belongs to, where that is kept. */
export function activeTraceId(): string | undefined {
  if (tracer === undefined) return undefined;
  const span = trace.getActiveSpan();
  return span?.isRecording() === true ? span.spanContext().traceId : undefined;
}

/** The code or the name of an error. */
export function errorTypeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const [type] = [code, name].filter((part) => typeof part === 'string' && /^\w{1,64}$/.test(part));
  return typeof type === 'string' ? type : '_OTHER';
}
