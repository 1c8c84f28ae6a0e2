module.exports = require('../../jest.preset.cjs')('configuration');
