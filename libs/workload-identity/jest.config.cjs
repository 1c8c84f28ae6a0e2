module.exports = require('../../jest.preset.cjs')('workload-identity');
