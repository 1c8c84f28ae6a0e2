import 'reflect-metadata';
import { runService } from '@sallyport/nest-zero-trust';
import { start } from './start';

/** The longest DRAIN_DELAY_SECONDS, what requests in flight are given, and a little. */
const CLOSE_TIMEOUT_MS = 30_000;

void runService({
  name: 'gateway',
  start: () => start(process.env),
  closeTimeoutMs: CLOSE_TIMEOUT_MS,
});
