/* The system's libarchive, loaded by those who write or read an archive. It brings a dozen libraries with it. */
#ifndef POLICY_CLIBARCHIVE_H
#define POLICY_CLIBARCHIVE_H

#if !__has_include(<archive.h>)
#error "<archive.h> is missing: scripts/setup installs it (Debian and Ubuntu: apt-get install libarchive-dev)"
#endif
#include <archive.h>
#include <archive_entry.h>

#include "CLoading.h"

#define CLIBARCHIVE_FUNCTIONS(each) \
  each(archive_error_string) \
  each(archive_entry_filetype) \
  each(archive_entry_free) \
  each(archive_entry_gid) \
  each(archive_entry_hardlink) \
  each(archive_entry_mtime) \
  each(archive_entry_mtime_nsec) \
  each(archive_entry_new) \
  each(archive_entry_pathname) \
  each(archive_entry_perm) \
  each(archive_entry_set_filetype) \
  each(archive_entry_set_gid) \
  each(archive_entry_set_hardlink) \
  each(archive_entry_set_mtime) \
  each(archive_entry_set_pathname) \
  each(archive_entry_set_perm) \
  each(archive_entry_set_size) \
  each(archive_entry_set_symlink) \
  each(archive_entry_set_uid) \
  each(archive_entry_size) \
  each(archive_entry_sparse_add_entry) \
  each(archive_entry_symlink) \
  each(archive_entry_uid) \
  each(archive_entry_xattr_add_entry) \
  each(archive_entry_xattr_next) \
  each(archive_entry_xattr_reset) \
  each(archive_read_data_block) \
  each(archive_read_free) \
  each(archive_read_new) \
  each(archive_read_next_header) \
  each(archive_read_open) \
  each(archive_read_support_filter_gzip) \
  each(archive_read_support_filter_zstd) \
  each(archive_read_support_format_tar) \
  each(archive_write_add_filter_gzip) \
  each(archive_write_add_filter_zstd) \
  each(archive_write_close) \
  each(archive_write_data) \
  each(archive_write_finish_entry) \
  each(archive_write_free) \
  each(archive_write_header) \
  each(archive_write_new) \
  each(archive_write_open) \
  each(archive_write_set_bytes_in_last_block) \
  each(archive_write_set_bytes_per_block) \
  each(archive_write_set_filter_option) \
  each(archive_write_set_format_option) \
  each(archive_write_set_format_pax)

struct clibarchive {
  CLIBARCHIVE_FUNCTIONS(POLICY_FIELD)
};

/* The functions; NULL where one is not there, with the reason in the words of the dynamic linker. */
const struct clibarchive *_Nullable clibarchive_load(const char *_Nullable *_Nonnull reason);

#endif
