"""Words and figures of the document on track-event that several tests need.

SPDX-License-Identifier: MIT
"""

# The document's sample request, member for member.
SAMPLE = """{
  "event_type": "booking.completed",
  "customer": {
    "id": "user123",
    "email": "john@example.com",
    "name": "John Doe",
    "phone": "+1234567890"
  },
  "event_data": {
    "vehicle_id": "car_789",
    "vehicle_name": "Toyota Camry",
    "pickup_location": "Airport",
    "total_amount": 450.00
  },
  "session": {
    "session_id": "sess_abc123",
    "device": "mobile",
    "browser": "Chrome"
  }
}
"""

EVENT_TYPES = (
    "customer.created", "customer.login", "customer.updated", "search.performed", "vehicle.viewed",
    "page.viewed", "booking.started", "booking.step_completed", "booking.abandoned",
    "booking.completed", "payment.attempted", "payment.successful", "payment.failed",
    "form.submitted", "chat.message", "quote.requested")

NEW, HOT_BOOKING = "New Lead", "Hot Lead - Booking In Progress"
HOT_ABANDONED, CUSTOMER = "Hot Lead - Abandoned Booking", "Customer - Active"
STATUS_SLUGS = {NEW: "new_lead", HOT_BOOKING: "hot_booking", HOT_ABANDONED: "hot_abandoned",
                CUSTOMER: "customer"}

URGENT_TASK = "URGENT: Follow up - Abandoned Booking"
PAYMENT_TASK = "Follow up - Payment Failed"
WELCOME_TASK = "Send Booking Confirmation & Welcome"


def run_of_the_document(api, path, person):
    """The document's own test: browse, start, abandon, complete; asserts after each step."""
    session = {"session_id": f"sess_{person.id}", "device": "desktop", "browser": "Firefox"}

    def send(event_type, data):
        return api.event(event_type, person, data, path=path, session=session)

    contact_id = send("search.performed", {"location": "Airport"})["contact_id"]
    send("vehicle.viewed", {"vehicle_id": "car_789", "vehicle_name": "Toyota Camry"})
    send("booking.started", {"vehicle_name": "Toyota Camry", "estimated_total": 450})
    contact = api.lookup(email=person.email)
    assert contact["id"] == contact_id and contact["lead_status"] == HOT_BOOKING
    assert [a["type"] for a in api.timeline(contact_id)] == [
        "booking.started", "vehicle.viewed", "search.performed"]
    task_id = send("booking.abandoned", {"total_price": 450})["task_id"]
    task = api.get(f"/v1/tasks/{task_id}")
    assert (task["title"], task["priority"], task["status"]) == (URGENT_TASK, "urgent", "open")
    assert task["contact_id"] == contact_id
    done = send("booking.completed", {"booking_id": "b1", "total_amount": 450})
    assert done["lead_status"] == CUSTOMER
    contact = api.contact(contact_id)
    assert (contact["lead_status"], contact["total_bookings"]) == (CUSTOMER, 1)
    assert str(contact["total_revenue"]) == "450.00"
    task = api.get(f"/v1/tasks/{task_id}")
    assert (task["status"], task["outcome"]) == ("cancelled", "resolved")
    return contact_id
