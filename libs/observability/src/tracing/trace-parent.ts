import { isSpanContextValid, TraceFlags, type SpanContext } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** Carries a trace from process to process (W3C Trace Context §3.2). `tracestate` and `baggage` are never written. */
export const TRACE_PARENT_HEADER = 'traceparent';

/** `00-` + 32 + `-` + 16 + `-` + 2; later versions may be longer, and there is none. */
const LONGEST = 64;

/**
 * What another process says it is doing; undefined for anything but one valid value (§3.2.2.3). Says nothing about whether
 * that process is believed.
 */
export function parseTraceparent(presented: readonly string[]): SpanContext | undefined {
  const [value, ...more] = presented;
  if (value === undefined || more.length > 0 || value.length > LONGEST) return undefined;
  const context = parseTraceParent(value);
  if (context === null || !isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags } = context;
  // Flags that mean nothing yet are not handed on (§3.2.2.5).
  return { traceId, spanId, traceFlags: traceFlags & TraceFlags.SAMPLED, isRemote: true };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}
