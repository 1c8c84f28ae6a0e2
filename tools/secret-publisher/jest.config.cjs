module.exports = require('../../jest.preset.cjs')('secret-publisher');
