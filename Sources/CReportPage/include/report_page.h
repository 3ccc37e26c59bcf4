#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

// The page of `policy report`, so that the program can write it wherever it is installed.
// `report_page.c` is generated from the files in `page`; a test proves that it is current.

typedef enum report_page_part {
  REPORT_PAGE_HTML,
  REPORT_PAGE_STYLE,
  REPORT_PAGE_SCRIPT,
  // The content security policy that lets this style and this script work, and nothing else.
  REPORT_PAGE_SECURITY,
} report_page_part;

// UTF-8, for ever.
const char *report_page_text(report_page_part part);

#endif
