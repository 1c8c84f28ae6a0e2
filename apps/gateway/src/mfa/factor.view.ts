import type { mfaV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { required } from '../upstream/upstream-response';
import { idSchema, timestampSchema } from '../upstream/wire-formats';

const FACTOR_TYPES = ['totp', 'passkey', 'sms'] as const;

const factorSchema = z.object({
  id: idSchema,
  type: z.enum(FACTOR_TYPES),
  name: z.string().optional().describe('What its owner calls it, or what can be shown of it.'),
  enrolledAt: timestampSchema,
  lastUsedAt: timestampSchema.optional(),
});

export type FactorView = z.infer<typeof factorSchema>;

const factorsSchema = z.object({ factors: z.array(factorSchema), recoveryCodesLeft: z.int() });

export class Factors extends createZodDto(factorsSchema) {}
export type FactorsView = z.infer<typeof factorsSchema>;

/** @throws UpstreamResponseInvalid when a field that every factor has is missing, or its type is none. */
export function factorView(factor: mfaV1.Factor): FactorView {
  const { id, name, enrolledAt, lastUsedAt } = factor;
  const type = FACTOR_TYPES.find((known) => known === factor.type);
  return {
    id,
    type: required(type, 'factor.type'),
    ...(name !== undefined && { name }),
    enrolledAt: required(enrolledAt, 'factor.enrolled_at').toISOString(),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.toISOString() }),
  };
}
