const { getPriority, setPriority } = require('node:os');

// These specs, and what they start, only want to be done; the ones of e2e measure how long things take meanwhile. Not the
// lowest there is: these too lose patience at some time.
const PRIORITY = 10;

if (getPriority() < PRIORITY) setPriority(PRIORITY);
