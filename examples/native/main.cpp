#include "orders_reader.h"
#include "outbox_writer.h"
#include "receipts_step.h"
#include "tax_processor.h"

#include <baton/application.h>

int main(int argc, char** argv) {
  baton::Application app;
  app.reader("orders", make_orders_reader);
  app.processor("tax", make_tax_processor);
  app.writer("outbox", make_outbox_writer);
  app.step("receipts", make_receipts_step);
  return app.run(argc, argv);
}
