/** What the stores' setup tells the tests of a run, through the environment that workers inherit. */
export const STORES_ENVIRONMENT = {
  /** An administrator's URL of a real PostgreSQL. */
  postgres: 'SALLYPORT_TEST_POSTGRES_URL',
  /** URL of a real Redis; empty when none could be had. */
  redis: 'SALLYPORT_TEST_REDIS_URL',
} as const;

export function storeUrl(variable: string): string {
  const url = process.env[variable];
  if (url === undefined) {
    throw new Error(`${variable} is not set: the Jest project must be made with { stores: true }`);
  }
  return url;
}
