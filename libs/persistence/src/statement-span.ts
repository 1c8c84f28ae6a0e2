import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  errorTypeOf,
  failSpan,
  isTraced,
  startCallSpan,
  type TraceSpan,
} from '@sallyport/observability';
import { summaryOf } from './statement-summary';

/** Begins the span of a statement that is run for something traced: its operation and table, and neither text nor parameters. */
export function startStatementSpan(text: string): TraceSpan | undefined {
  if (!isTraced()) return undefined;
  const { operation, table, summary } = summaryOf(text);
  return startCallSpan({
    name: summary,
    attributes: {
      [ATTR_DB_SYSTEM_NAME]: 'postgresql',
      [ATTR_DB_OPERATION_NAME]: operation,
      [ATTR_DB_QUERY_SUMMARY]: summary,
      ...(table !== undefined && { [ATTR_DB_COLLECTION_NAME]: table }),
    },
  });
}

/** Marks a statement that failed by its SQLSTATE or the driver's code; the message may hold rows. */
export function failStatementSpan(span: TraceSpan, error: unknown): void {
  const type = errorTypeOf(error);
  if (/^[0-9A-Z]{5}$/.test(type)) span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, type);
  failSpan(span, type);
}
