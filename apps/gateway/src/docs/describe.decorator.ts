import { STATUS_CODES } from 'node:http';
import { applyDecorators, type Type } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { ProblemCode } from '../problems/problem-catalogue';
import { problemResponse } from './problem.schema';

export interface OperationDescription {
  /** What it does, as an imperative. */
  readonly summary: string;
  readonly description?: string;
  /** What each successful status answers with; null for an empty body. */
  readonly answers: Readonly<Record<number, Type | null>>;
  /** Problem codes of this operation in particular, by status. */
  readonly problems?: Readonly<Record<number, readonly ProblemCode[]>>;
}

/**
 * Describes a handler in the OpenAPI document. Who may call it and what every operation can answer is not repeated here:
 * that is derived from the access declarations.
 */
export function Describe(operation: OperationDescription): MethodDecorator {
  const { summary, description, answers, problems = {} } = operation;
  return applyDecorators(
    ApiOperation({ summary, ...(description !== undefined && { description }) }),
    ...Object.entries(answers).map(([status, type]) =>
      ApiResponse({
        status: Number(status),
        description: STATUS_CODES[status] ?? status,
        ...(type !== null && { type }),
      }),
    ),
    ...Object.entries(problems).map(([status, codes]) =>
      ApiResponse({ status: Number(status), ...problemResponse(codes) }),
    ),
  );
}
