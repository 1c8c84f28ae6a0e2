import { describeMachine } from '../surroundings';
import type { LoadResult } from './load';
import { reportRounds } from './report';
import type { Round, Titles } from './report';

/** So many clients at once, in each round. */
export const CONNECTIONS = 32;
const WARM_UP_SECONDS = 4;
const ROUND_SECONDS = 6;
const ROUNDS = 5;

type Load = (seconds: number) => Promise<LoadResult>;

/**
 * Measures one thing by another in alternating rounds, so that a drift of the machine's speed touches both, and prints
 * what came of it. The ratio of a pair of rounds is the figure to compare between machines.
 */
export const compareInRounds = async (
  what: string,
  titles: Titles,
  { measured, yardstick }: Readonly<Record<keyof Round, Load>>,
): Promise<void> => {
  console.log(`warming up: ${WARM_UP_SECONDS} s each`);
  await measured(WARM_UP_SECONDS);
  await yardstick(WARM_UP_SECONDS);
  const rounds: Round[] = [];
  for (let number = 1; number <= ROUNDS; number += 1) {
    rounds.push({
      measured: await measured(ROUND_SECONDS),
      yardstick: await yardstick(ROUND_SECONDS),
    });
    console.log(`round ${number} of ${ROUNDS} done`);
  }
  console.log(
    `\n${what}, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${ROUND_SECONDS} s each, ` +
      `${describeMachine()}\n`,
  );
  console.log(reportRounds(titles, rounds));
  if (rounds.some((round) => round.measured.failed + round.yardstick.failed > 0)) {
    throw new Error('some requests failed; the figures are not comparable');
  }
};
