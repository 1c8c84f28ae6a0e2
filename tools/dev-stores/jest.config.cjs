module.exports = require('../../jest.preset.cjs')('dev-stores');
