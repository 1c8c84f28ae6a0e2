module.exports = require('../../jest.preset.cjs')('nest-zero-trust');
