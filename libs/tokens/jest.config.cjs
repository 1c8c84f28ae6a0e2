module.exports = require('../../jest.preset.cjs')('tokens');
