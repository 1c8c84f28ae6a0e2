import type { ProblemCode } from '../problems/problem-catalogue';

/** An RFC 9457 problem as OpenAPI describes it. */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description:
    'RFC 9457 problem details. Decide by `code`; quote `correlationId` when asking for help.',
  required: ['type', 'title', 'status', 'code', 'correlationId'],
  properties: {
    type: { type: 'string', format: 'uri', example: 'urn:sallyport:problem:validation_failed' },
    title: { type: 'string', example: 'Bad Request' },
    status: { type: 'integer', example: 400 },
    code: { type: 'string', description: 'Stable.', example: 'validation_failed' },
    correlationId: { type: 'string', format: 'uuid' },
    error: {
      type: 'string',
      description: 'With `invalid_request`: the error code of RFC 6749 section 5.2.',
      example: 'invalid_request',
    },
    violations: {
      type: 'array',
      description: 'With `validation_failed`: what is wrong, and where.',
      items: {
        type: 'object',
        required: ['path', 'rule'],
        properties: {
          path: { type: 'string', example: 'items.0.quantity' },
          rule: { type: 'string', example: 'too_big' },
        },
      },
    },
  },
};

/** How a problem is described among the responses of an operation. */
export interface ProblemResponse {
  readonly description: string;
  readonly content: Record<string, { schema: { $ref: string } }>;
}

/** The OpenAPI response of a status whose problems have these codes. */
export function problemResponse(codes: readonly ProblemCode[]): ProblemResponse {
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}
