#ifndef CODE_PAGES_H
#define CODE_PAGES_H

// The pages of Docs/Diagnostics, so that the program can show them wherever it is installed.
// `code_pages.c` is generated from them; a test proves that it is current.

/// Number of pages.
int code_page_count(void);
/// `P0330`; pages are sorted by code. `index` is from 0 to below the count.
const char *code_page_code(int index);
/// The page as it is written in Markdown.
const char *code_page_text(int index);

#endif
