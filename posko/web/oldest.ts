/**
 * The oldest browsers that the officers' pages (/masuk, /lapor) are whole in: phones of 2021, iOS 15.4. Scripts and styles are
 * lowered to them; what is not syntax is in src/olderBrowsers.ts. A desk's pages want container queries and a few names more:
 * Chrome 105, Safari 16, Firefox 110.
 */
export const OLDEST = ['chrome94', 'safari15.4', 'firefox101']
