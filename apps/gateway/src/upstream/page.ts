import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

const pageQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/)
    .transform(Number)
    .optional()
    .describe('Rows of the page, 1 to 100; 20 when left out.'),
  cursor: z.string().min(1).max(1024).optional().describe('`nextCursor` of the page before.'),
});

/** The query of every list: `?limit=&cursor=`. */
export class PageQuery extends createZodDto(pageQuerySchema) {}

/** A page request as the services take it: 0 and the empty string stand for what was left out. */
export function pageRequest({ limit, cursor }: PageQuery): {
  pageSize: number;
  pageToken: string;
} {
  return { pageSize: limit ?? 0, pageToken: cursor ?? '' };
}

/** A page response; `nextCursor` is null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export function pageOf<Item>(items: readonly Item[], nextPageToken: string): Page<Item> {
  return { items, nextCursor: nextPageToken === '' ? null : nextPageToken };
}

type PageSchema<Item extends z.ZodType> = z.ZodObject<{
  items: z.ZodArray<Item>;
  nextCursor: z.ZodNullable<z.ZodString>;
}>;

/** The schema of a page of `item`. */
export function pageSchema<Item extends z.ZodType>(item: Item): PageSchema<Item> {
  return z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .meta({ format: 'cursor' })
      .nullable()
      .describe('Cursor of the next page; null on the last one.'),
  });
}
