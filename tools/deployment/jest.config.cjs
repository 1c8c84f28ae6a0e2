module.exports = require('../../jest.preset.cjs')('deployment');
