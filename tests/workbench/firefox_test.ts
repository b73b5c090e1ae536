/**
 * Tests of the page once more, in Firefox, which the first import chooses for all after it.
 *
 * Not compare_test.ts: under the driver, Firefox 153 crashes when it is asked for the texts in that dialog, which works
 * by hand. Not share_test.ts: it tells the driver of no download. Not looks_test.ts: it draws some states otherwise by
 * more than the tolerance. What is measured, or is the same in every browser, is not asked twice.
 */
import "./_in_firefox.ts";
import "./folding_test.ts";
import "./following_test.ts";
import "./layout_low_test.ts";
import "./live_test.ts";
import "./page_test.ts";
import "./text_test.ts";
import "./views_test.ts";
