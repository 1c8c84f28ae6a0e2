module.exports = require('../../jest.preset.cjs')('chaos');
