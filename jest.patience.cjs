// Hashes, keys, certificates and databases are made for real, on machines that are busy with the other specs. Not
// `testTimeout`: Jest does not honour that of one project among several.
jest.setTimeout(60_000);
