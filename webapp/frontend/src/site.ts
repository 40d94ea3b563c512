/** The look of every page; an entry of its own for pages that are no dashboard. */

import "./styles/site.scss";
