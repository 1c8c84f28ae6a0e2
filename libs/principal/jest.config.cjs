module.exports = require('../../jest.preset.cjs')('principal');
