// Not `testTimeout`: Jest does not honour that of one project among several.
jest.setTimeout(30_000);
