import { formatTraceparent, parseTraceparent } from './trace-parent';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('parseTraceparent', () => {
  it.each<readonly [what: string, presented: readonly string[]]>([
    ['nothing', []],
    ['an empty value', ['']],
    ['two values', [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
    ['two values in one', [`00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`]],
    ['no trace', [`00-${'0'.repeat(32)}-${SPAN}-01`]],
    ['no span', [`00-${TRACE}-${'0'.repeat(16)}-01`]],
    ['capital letters', [`00-${TRACE.toUpperCase()}-${SPAN}-01`]],
    ['a version that cannot be', [`ff-${TRACE}-${SPAN}-01`]],
    ['more than the version has', [`00-${TRACE}-${SPAN}-01-more`]],
    ['a long tail', [`01-${TRACE}-${SPAN}-01-${'a'.repeat(100)}`]],
    ['another format', [`${TRACE}-${SPAN}-1`]],
  ])('takes %s for none', (_what, presented) => {
    expect(parseTraceparent(presented)).toBeUndefined();
  });

  it.each([
    ['00', 0],
    ['01', 1],
    ['ff', 1],
  ])('keeps of the flags %s whether it is sampled', (flags, traceFlags) => {
    expect(parseTraceparent([`00-${TRACE}-${SPAN}-${flags}`])).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags,
      isRemote: true,
    });
  });
});

describe('formatTraceparent', () => {
  it.each([
    [0, '00'],
    [1, '01'],
  ])('writes the flags %d', (traceFlags, flags) => {
    const written = formatTraceparent({ traceId: TRACE, spanId: SPAN, traceFlags });
    expect(written).toBe(`00-${TRACE}-${SPAN}-${flags}`);
    expect(parseTraceparent([written])).toMatchObject({ traceId: TRACE, spanId: SPAN, traceFlags });
  });
});
