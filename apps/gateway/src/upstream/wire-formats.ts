import { z } from 'zod';

/** An id as clients see it. */
export const idSchema = z.string().meta({ format: 'uuid' });

/** An instant, ISO 8601 in UTC. */
export const timestampSchema = z.string().meta({ format: 'date-time' });
