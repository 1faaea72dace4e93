# What is installed beside the headers and libraries, and the Debian package of it. Component `runtime` goes below any
# prefix; `service` has fixed places, and only packages have it.
# Builds with sanitizers are not packed.
if(BATON_SANITIZE)
  return()
endif()
include(GNUInstallDirs)
set(package_sources ${CMAKE_SOURCE_DIR}/deploy/package)
set(package_made ${CMAKE_BINARY_DIR}/package_files)
file(MAKE_DIRECTORY ${package_made})

# Manual pages and completions are made by the program itself.
add_custom_command(
  OUTPUT ${package_made}/baton.1.gz ${package_made}/baton.yaml.5.gz ${package_made}/baton.bash ${package_made}/baton.zsh ${package_made}/baton.fish
  COMMAND $<TARGET_FILE:baton> manual > ${package_made}/baton.1
  COMMAND $<TARGET_FILE:baton> manual baton.yaml > ${package_made}/baton.yaml.5
  COMMAND gzip -9nf ${package_made}/baton.1 ${package_made}/baton.yaml.5
  COMMAND $<TARGET_FILE:baton> completion bash > ${package_made}/baton.bash
  COMMAND $<TARGET_FILE:baton> completion zsh > ${package_made}/baton.zsh
  COMMAND $<TARGET_FILE:baton> completion fish > ${package_made}/baton.fish
  DEPENDS baton
  VERBATIM)
# And what Debian wants packed.
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
# Whoever makes a package is asked about it: named as for Debian's own tools, else on the machine that it is installed on.
set(package_contact "Baton maintainers <baton@localhost>")
if(DEFINED ENV{DEBEMAIL} AND DEFINED ENV{DEBFULLNAME})
  set(package_contact "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(BATON_PACKAGE_CONTACT "${package_contact}" CACHE STRING "who is asked about the package")
set(CPACK_PACKAGE_CONTACT ${BATON_PACKAGE_CONTACT})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
string(TIMESTAMP package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, where it is set
configure_file(${package_sources}/changelog.Debian.in ${package_made}/changelog.Debian @ONLY)
add_custom_command(
  OUTPUT ${package_made}/changelog.gz ${package_made}/changelog.Debian.gz
  COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/CHANGELOG.md > ${package_made}/changelog.gz
  COMMAND gzip -9nc ${package_made}/changelog.Debian > ${package_made}/changelog.Debian.gz
  DEPENDS ${CMAKE_SOURCE_DIR}/CHANGELOG.md ${package_sources}/changelog.Debian.in
  VERBATIM)
set(documents ${CMAKE_BINARY_DIR}/package_documents)
file(GLOB document_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*)
add_custom_command(
  OUTPUT ${documents}/.made
  COMMAND ${CMAKE_COMMAND} -DFROM=${CMAKE_SOURCE_DIR} -DTO=${documents} -P ${CMAKE_SOURCE_DIR}/cmake/installed-documents.cmake
  DEPENDS ${CMAKE_SOURCE_DIR}/README.md ${document_sources} ${CMAKE_SOURCE_DIR}/cmake/installed-documents.cmake
  VERBATIM)
add_custom_target(package_files ALL DEPENDS ${package_made}/baton.1.gz ${package_made}/changelog.gz ${documents}/.made)

install(TARGETS baton RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
install(FILES ${package_made}/baton.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runtime)
install(FILES ${package_made}/baton.yaml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT runtime)
set(share ${CMAKE_INSTALL_DATADIR})
install(FILES ${package_made}/baton.bash DESTINATION ${share}/bash-completion/completions RENAME baton COMPONENT runtime)
install(FILES ${package_made}/baton.zsh DESTINATION ${share}/zsh/vendor-completions RENAME _baton COMPONENT runtime)
install(FILES ${package_made}/baton.fish DESTINATION ${share}/fish/vendor_completions.d COMPONENT runtime)
install(FILES ${documents}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY ${documents}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(FILES ${package_sources}/copyright ${package_made}/changelog.gz ${package_made}/changelog.Debian.gz
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

install(FILES ${package_sources}/baton.service DESTINATION /lib/systemd/system COMPONENT service EXCLUDE_FROM_ALL)
install(FILES ${package_sources}/baton.sysusers DESTINATION /usr/lib/sysusers.d RENAME baton.conf COMPONENT service
        EXCLUDE_FROM_ALL)
install(FILES ${package_sources}/baton.yaml DESTINATION /etc/baton COMPONENT service EXCLUDE_FROM_ALL)

file(WRITE ${package_made}/conffiles "/etc/baton/baton.yaml\n")
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL runtime service)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME baton)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "ETL jobs, each on exactly one of any number of replicas")
set(CPACK_PACKAGE_DESCRIPTION
    "Baton runs scheduled ETL jobs on any number of identical, stateless replicas.
A job belongs to one owner through a lease in SQLite, PostgreSQL or DynamoDB;
every commit is fenced, and progress is committed together with the rows: the
next owner carries on from the last committed chunk, with nothing lost and
nothing repeated. The batch metadata is Spring Batch's.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, tzdata, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${package_sources}/postinst ${package_sources}/prerm ${package_sources}/postrm
                                       ${package_made}/conffiles)
include(CPack)
