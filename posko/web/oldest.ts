/**
 * The oldest browsers that the officers' pages (/masuk, /lapor) are whole in: phones of 2021, iOS 15.4. Styles are lowered to
 * them. Scripts are ES2022 as it is written: lowering for Safari 15 would turn every private field of every class into a
 * WeakMap; what of ES2022 it does not know (static blocks, lookbehind in expressions) is not in what is built, which
 * tests/e2e/test_lapor_older.py sees to. What is no syntax is in src/olderBrowsers.ts. A desk's pages want container queries
 * and a few names more: Chrome 105, Safari 16, Firefox 110.
 */
export const OLDEST = ['chrome94', 'safari15.4', 'firefox101']
