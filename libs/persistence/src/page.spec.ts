import { parsePageRequest, toPage } from './page';

const rows = [3, 2, 1].map((second) => ({
  id: `7d2f1f43-6a57-4d0c-9f3c-00000000000${second}`,
  createdAt: new Date(second * 1_000),
}));

/** What was thrown. */
function refusalOf(action: () => unknown): unknown {
  try {
    return { accepted: action() };
  } catch (error) {
    return error;
  }
}

describe('parsePageRequest', () => {
  test.each([
    ['a negative size', { pageSize: -1, pageToken: '' }, 'page_size_out_of_range'],
    ['a size of 101', { pageSize: 101, pageToken: '' }, 'page_size_out_of_range'],
    ['a token it did not give out', { pageSize: 1, pageToken: 'x' }, 'page_token_invalid'],
  ])('refuses %s', (_name, wire, code) => {
    expect(refusalOf(() => parsePageRequest(wire))).toMatchObject({
      name: 'PageRequestInvalid',
      code,
    });
  });

  test.each([
    [0, 20],
    [1, 1],
    [100, 100],
  ])('takes a size of %i as %i', (pageSize, size) => {
    expect(parsePageRequest({ pageSize, pageToken: '' })).toEqual({ size });
  });
});

describe('toPage', () => {
  test.each([
    ['nothing was found', [], 2],
    ['everything found fits', rows.slice(0, 2), 2],
  ])('ends the list when %s', (_name, found, size) => {
    expect(toPage(found, size)).toEqual({ rows: found, nextPageToken: '' });
  });

  test('goes on behind the last row shown', () => {
    const page = toPage(rows, 2);

    expect(page.rows).toEqual(rows.slice(0, 2));
    expect(parsePageRequest({ pageSize: 2, pageToken: page.nextPageToken }).after).toEqual(rows[1]);
  });
});
